/* A slab allocator for nodes and for terms of dot products. It hands out blocks in the order of their addresses.

   The graph of a network is larger than the caches. A sweep over nodes in the order of their addresses takes a third of
   the time of one in random order. Python's allocator, or a single free list, loses that order after some rounds.

   Blocks of one size lie one behind the other in slabs of 64 KB. A slab is used again when all its blocks are free. A
   partly used slab is filled only if there is no empty one; otherwise graphs that are built in turns would share all
   slabs, and none would become empty. Slabs lie in arenas of 2 MB. Linux may use one huge page for an arena, which
   makes address translation faster. Blocks of more than 2 KB come from malloc().

   With VG_PLAIN_MALLOC each block comes from malloc(), so that a memory checker sees where it ends. */

#ifndef VALUEGRAD_SLABS_H
#define VALUEGRAD_SLABS_H

#include <stdint.h>
#include <stdlib.h>

#ifdef VG_PLAIN_MALLOC

static inline void *vg_allocate(size_t size) {
    return malloc(size);
}

static inline void vg_free(void *block, size_t size) {
    (void)size;
    free(block);
}

#else

#ifdef _WIN32
#include <malloc.h>
#else
#include <sys/mman.h>
#endif

#define VG_ARENA_SIZE ((size_t)1 << 21) /* also its alignment */
#define VG_SLAB_SIZE ((size_t)1 << 16)  /* also its alignment */
#define VG_SLAB_HEADER 64               /* a line of the cache */
#define VG_ARENA_SLABS (VG_ARENA_SIZE / VG_SLAB_SIZE)
#define VG_KEPT_ARENAS 8 /* empty arenas kept for the next graph: 16 MB */
#define VG_UNIT 32       /* sizes of blocks are multiples of it */
#define VG_SIZES 65      /* blocks of so many units come from malloc() */

typedef struct vg_slab {
    struct vg_slab *next, *previous; /* in the list of slabs of this size with free blocks, or of empty slabs */
    void *freed;                     /* the block freed last; it holds a pointer to the one freed before it */
    char *fresh;                     /* from here to the end, no block was used since the slab was empty */
    uint32_t units;                  /* size of its blocks */
    uint32_t capacity;               /* blocks */
    uint32_t used;                   /* blocks in use */
    uint32_t used_slabs;             /* of the whole arena; kept in its first slab */
} vg_slab;

static vg_slab *vg_current[VG_SIZES];   /* by size: the slab of the next blocks; NULL when it is full */
static vg_slab *vg_with_room[VG_SIZES]; /* by size: other slabs that have free blocks */
static vg_slab vg_empty = {&vg_empty, &vg_empty, NULL, NULL, 0, 0, 0, 0};
static int vg_empty_arenas = 0;

static inline vg_slab *vg_slab_of(void *block) {
    return (vg_slab *)((uintptr_t)block & ~(uintptr_t)(VG_SLAB_SIZE - 1));
}

static inline vg_slab *vg_arena_of(vg_slab *slab) {
    return (vg_slab *)((uintptr_t)slab & ~(uintptr_t)(VG_ARENA_SIZE - 1));
}

static inline void vg_open(vg_slab *slab) {
    vg_slab *next = vg_with_room[slab->units];
    slab->next = next;
    slab->previous = NULL;
    if (next) next->previous = slab;
    vg_with_room[slab->units] = slab;
}

static inline void vg_close(vg_slab *slab) {
    if (slab->next) slab->next->previous = slab->previous;
    if (slab->previous) slab->previous->next = slab->next;
    else vg_with_room[slab->units] = slab->next;
}

static inline void vg_add_empty(vg_slab *slab) {
    slab->next = &vg_empty;
    slab->previous = vg_empty.previous;
    vg_empty.previous->next = slab;
    vg_empty.previous = slab;
}

static inline void vg_take_empty(vg_slab *slab) {
    slab->next->previous = slab->previous;
    slab->previous->next = slab->next;
}

/* Aligned memory from the system; NULL if there is none. */
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

static int vg_add_arena(void) {
    char *memory = vg_map_arena();
    if (memory == NULL) return 0;
    ((vg_slab *)memory)->used_slabs = 0;
    for (size_t i = 0; i < VG_ARENA_SLABS; i++) vg_add_empty((vg_slab *)(memory + i * VG_SLAB_SIZE));
    vg_empty_arenas++;
    return 1;
}

static inline void vg_empty_out(vg_slab *slab) {
    slab->freed = NULL;
    slab->fresh = (char *)slab + VG_SLAB_HEADER;
    slab->used = 0;
}

/* Take an empty slab: its blocks come in the order of their addresses. Without one, take a used slab with room, or else
   a slab of a new arena. */
static vg_slab *vg_begin_slab(uint32_t units) {
    vg_slab *slab = vg_with_room[units];
    if (vg_empty.next == &vg_empty && slab != NULL) {
        vg_close(slab);
    } else {
        if (vg_empty.next == &vg_empty && !vg_add_arena()) return NULL;
        slab = vg_empty.next;
        vg_take_empty(slab);
        if (vg_arena_of(slab)->used_slabs++ == 0) vg_empty_arenas--;
        slab->units = units;
        slab->capacity = (uint32_t)((VG_SLAB_SIZE - VG_SLAB_HEADER) / (units * VG_UNIT));
        vg_empty_out(slab);
    }
    vg_current[units] = slab;
    return slab;
}

static void vg_end_slab(vg_slab *slab) {
    vg_slab *arena = vg_arena_of(slab);
    if (slab == vg_current[slab->units]) {
        vg_empty_out(slab);
        return;
    }
    vg_close(slab);
    vg_add_empty(slab);
    if (--arena->used_slabs > 0) return;
    if (vg_empty_arenas < VG_KEPT_ARENAS) {
        vg_empty_arenas++;
        return;
    }
    for (size_t i = 0; i < VG_ARENA_SLABS; i++) vg_take_empty((vg_slab *)((char *)arena + i * VG_SLAB_SIZE));
    vg_unmap_arena((char *)arena);
}

/* Memory of this size; NULL if there is none. */
static inline void *vg_allocate(size_t size) {
    uint32_t units = (uint32_t)((size + VG_UNIT - 1) / VG_UNIT);
    if (units >= VG_SIZES) return malloc(size);
    vg_slab *slab = vg_current[units];
    if (slab == NULL && (slab = vg_begin_slab(units)) == NULL) return NULL;
    void *block = slab->freed;
    if (block != NULL) {
        slab->freed = *(void **)block;
    } else {
        block = slab->fresh;
        slab->fresh += units * VG_UNIT;
    }
    if (++slab->used == slab->capacity) vg_current[units] = NULL;
    return block;
}

/* Free memory that was allocated with this size. */
static inline void vg_free(void *block, size_t size) {
    if (size > (VG_SIZES - 1) * VG_UNIT) {
        free(block);
        return;
    }
    vg_slab *slab = vg_slab_of(block);
    if (slab->used == slab->capacity) vg_open(slab);
    *(void **)block = slab->freed;
    slab->freed = block;
    if (--slab->used == 0) vg_end_slab(slab);
}

#endif
#endif
