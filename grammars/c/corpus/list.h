/* A list of things, and what may be done with it. */
#ifndef LIST_H
#define LIST_H
//      ^ definition.macro public

#include <linux/types.h>
//       ^ reference.import
#include "kind.h"
//        ^ reference.import

#define LIST_MAX 64
//      ^ definition.macro public
#define list_entry(ptr, type, member) container_of(ptr, type, member)
//      ^ definition.macro public

struct list;

/** One thing in a list. */
struct list_node {
//     ^ definition.struct public doc="One thing in a list."
    struct list_node *next, *prev;
//         ^ reference.type
//                    ^ definition.field in=list_node public
//                           ^ definition.field in=list_node public
    u32 flags : 3;
//  ^ reference.type
//      ^ definition.field in=list_node public
    char name[16];
//       ^ definition.field in=list_node public
    int (*visit)(struct list_node *self, void *arg);
//        ^ definition.field in=list_node public
    union {
        long number;
//           ^ definition.field in=list_node public
        double real;
//             ^ definition.field in=list_node public
    };
    struct owner {
//         ^ definition.struct in=list_node public
        int uid;
//          ^ definition.field in=list_node.owner public
    } owner;
//    ^ definition.field in=list_node public
};

union word {
//    ^ definition.union public
    unsigned int whole;
//               ^ definition.field in=word public
    unsigned char bytes[4];
//                ^ definition.field in=word public
};

enum list_order { LIST_FIFO, LIST_LIFO = 2 };
//   ^ definition.enum public
//                ^ definition.enum_member in=list_order
//                           ^ definition.enum_member in=list_order

enum {
    LIST_OK,
//  ^ definition.enum_member
    LIST_FULL,
//  ^ definition.enum_member
};

typedef struct list_node list_node_t, *list_node_p;
//             ^ reference.type
//                       ^ definition.type public
//                                     ^ definition.type public
typedef int (*list_visit_fn)(struct list_node *, void *);
//            ^ definition.type public
//                                  ^ reference.type
typedef void (list_free_fn)(void *);
//            ^ definition.type public
typedef unsigned long list_mask_t[4];
//                    ^ definition.type public

typedef struct list_head {
//             ^ definition.struct public
    int count;
//      ^ definition.field in=list_head public
} list_head_t, *list_head_p;
//^ definition.type public
//              ^ definition.type public
typedef struct { int x; } point_t;
//                   ^ definition.field in=point_t public
//                        ^ definition.type public
typedef enum { RED, GREEN } color_t;
//             ^ definition.enum_member in=color_t
//                  ^ definition.enum_member in=color_t
//                          ^ definition.type public

int list_length(const struct list *list);
//  ^ !reference
extern int list_debug;

static inline int list_empty(const struct list_node *head)
//                ^ definition.function private
{
    return head->next == head;
}

#endif
