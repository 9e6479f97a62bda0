/* Memory for nodes of one size, which keeps the order in which they are made.

   A network's graph is larger than the caches. A sweep that meets its nodes in the order of their addresses
   takes a third of the time of one that does not, and Python's allocator, or a single free list, forgets the
   order after some rounds. Here nodes lie one behind the other in slabs of 64 KB, also in a slab that was
   used before, as soon as all its nodes were freed. Slabs lie in arenas of 2 MB, which Linux may back by one
   huge page: so the addresses of a whole graph are translated without a walk through the page tables, which
   in a virtual machine is as slow as memory itself.

   With VG_PLAIN_MALLOC each node is a block of its own, so that a memory checker sees its ends. */

#ifndef VALUEGRAD_SLABS_H
#define VALUEGRAD_SLABS_H

#include <stdint.h>
#include <stdlib.h>

#ifdef VG_PLAIN_MALLOC

static inline void *vg_allocate(void) {
    return malloc(VG_NODE_SIZE);
}

static inline void vg_free(void *node) {
    free(node);
}

static inline void *vg_allocate_block(size_t size) {
    return malloc(size);
}

static inline void vg_free_block(void *block, size_t size) {
    free(block);
}

#else

#ifdef _WIN32
#include <malloc.h>
#else
#include <sys/mman.h>
#endif

#define VG_ARENA_SIZE ((size_t)1 << 21) /* to which it is aligned */
#define VG_SLAB_SIZE ((size_t)1 << 16)  /* the same */
#define VG_SLAB_HEADER 64               /* a line of the cache */
#define VG_SLAB_NODES ((VG_SLAB_SIZE - VG_SLAB_HEADER) / VG_NODE_SIZE)
#define VG_ARENA_SLABS (VG_ARENA_SIZE / VG_SLAB_SIZE)
#define VG_KEPT_ARENAS 8 /* empty ones, for the next graph: 16 MB */

typedef struct vg_slab {
    struct vg_slab *next, *previous; /* in the ring of the slabs that have room */
    void *freed;                     /* the node freed last, in which the one freed before it is named */
    uint32_t used;                   /* nodes in use */
    uint32_t fresh;                  /* nodes not used since the slab was empty, at its end */
    uint32_t used_slabs;             /* of the arena, in its first slab */
} vg_slab;

static vg_slab vg_ring = {&vg_ring, &vg_ring, NULL, 0, 0, 0}; /* in use first, empty last */
static int vg_empty_arenas = 0;

static inline vg_slab *vg_slab_of(void *node) {
    return (vg_slab *)((uintptr_t)node & ~(uintptr_t)(VG_SLAB_SIZE - 1));
}

static inline vg_slab *vg_arena_of(vg_slab *slab) {
    return (vg_slab *)((uintptr_t)slab & ~(uintptr_t)(VG_ARENA_SIZE - 1));
}

static inline void vg_unlink(vg_slab *slab) {
    slab->next->previous = slab->previous;
    slab->previous->next = slab->next;
}

static inline void vg_link_before(vg_slab *place, vg_slab *slab) {
    slab->next = place;
    slab->previous = place->previous;
    place->previous->next = slab;
    place->previous = slab;
}

static void vg_make_empty(vg_slab *slab) {
    slab->freed = NULL;
    slab->used = 0;
    slab->fresh = VG_SLAB_NODES;
    vg_link_before(&vg_ring, slab);
}

/* Memory of the system, aligned; NULL if there is none. */
static char *vg_map_arena(void) {
#ifdef _WIN32
    return _aligned_malloc(VG_ARENA_SIZE, VG_ARENA_SIZE);
#else
    char *memory = mmap(NULL, 2 * VG_ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    size_t before = -(uintptr_t)memory & (VG_ARENA_SIZE - 1);
    if (before) munmap(memory, before);
    munmap(memory + before + VG_ARENA_SIZE, VG_ARENA_SIZE - before);
#ifdef MADV_HUGEPAGE
    madvise(memory + before, VG_ARENA_SIZE, MADV_HUGEPAGE);
#endif
    return memory + before;
#endif
}

static void vg_unmap_arena(char *memory) {
#ifdef _WIN32
    _aligned_free(memory);
#else
    munmap(memory, VG_ARENA_SIZE);
#endif
}

static vg_slab *vg_new_arena(void) {
    char *memory = vg_map_arena();
    if (memory == NULL) return NULL;
    ((vg_slab *)memory)->used_slabs = 0;
    for (size_t i = 0; i < VG_ARENA_SLABS; i++) vg_make_empty((vg_slab *)(memory + i * VG_SLAB_SIZE));
    vg_empty_arenas++;
    return (vg_slab *)memory;
}

static void vg_begin_slab(vg_slab *slab) {
    if (vg_arena_of(slab)->used_slabs++ == 0) vg_empty_arenas--;
}

static void vg_end_slab(vg_slab *slab) {
    vg_slab *arena = vg_arena_of(slab);
    vg_unlink(slab);
    vg_make_empty(slab);
    if (--arena->used_slabs > 0) return;
    if (vg_empty_arenas < VG_KEPT_ARENAS) {
        vg_empty_arenas++;
        return;
    }
    for (size_t i = 0; i < VG_ARENA_SLABS; i++) vg_unlink((vg_slab *)((char *)arena + i * VG_SLAB_SIZE));
    vg_unmap_arena((char *)arena);
}

/* Memory for a node; NULL if there is none. */
static inline void *vg_allocate(void) {
    vg_slab *slab = vg_ring.next;
    if (slab == &vg_ring && (slab = vg_new_arena()) == NULL) return NULL;
    if (slab->used++ == 0) vg_begin_slab(slab);
    void *node = slab->freed;
    if (node != NULL)
        slab->freed = *(void **)node;
    else
        node = (char *)slab + VG_SLAB_HEADER + (VG_SLAB_NODES - slab->fresh--) * VG_NODE_SIZE;
    if (slab->used == VG_SLAB_NODES) vg_unlink(slab);
    return node;
}

static inline void vg_free(void *node) {
    vg_slab *slab = vg_slab_of(node);
    if (slab->used == VG_SLAB_NODES) vg_link_before(vg_ring.next, slab);
    *(void **)node = slab->freed;
    slab->freed = node;
    if (--slab->used == 0) vg_end_slab(slab);
}

/* The terms of dot products come in a few sizes, and again in the next step. So freed blocks are kept by size,
   for malloc takes a third of the time that it takes to fill one. A graph is freed from its result, hence the
   block kept last, which is the next to be used, is the first one of the graph: the order is kept as well. */

#define VG_BLOCK_UNIT 32
#define VG_BLOCK_SIZES 130                /* up to 4 KB */
#define VG_KEPT_BLOCKS ((size_t)1 << 24)  /* bytes */

typedef struct vg_block {
    struct vg_block *next;
} vg_block;

static vg_block *vg_blocks[VG_BLOCK_SIZES]; /* by size in units, rounded up */
static size_t vg_kept_blocks = 0;           /* bytes */

static inline size_t vg_units_of(size_t size) {
    return (size + VG_BLOCK_UNIT - 1) / VG_BLOCK_UNIT;
}

/* Memory for something else than a node; NULL if there is none. */
static inline void *vg_allocate_block(size_t size) {
    size_t units = vg_units_of(size);
    if (units >= VG_BLOCK_SIZES || vg_blocks[units] == NULL) return malloc(units * VG_BLOCK_UNIT);
    vg_block *block = vg_blocks[units];
    vg_blocks[units] = block->next;
    vg_kept_blocks -= units * VG_BLOCK_UNIT;
    return block;
}

static inline void vg_free_block(void *block, size_t size) {
    size_t units = vg_units_of(size);
    if (units >= VG_BLOCK_SIZES || vg_kept_blocks >= VG_KEPT_BLOCKS) {
        free(block);
        return;
    }
    ((vg_block *)block)->next = vg_blocks[units];
    vg_blocks[units] = block;
    vg_kept_blocks += units * VG_BLOCK_UNIT;
}

#endif
#endif
