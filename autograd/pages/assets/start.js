// A page with a player alone.
import { Player } from "./player.js";

new Player(document, JSON.parse(document.getElementById("data").textContent), compute, { hasLink: true });
