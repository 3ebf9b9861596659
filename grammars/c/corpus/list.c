#include "list.h"
//        ^ reference.import

#define TRACE(fmt, ...) printf(fmt, ##__VA_ARGS__)
//      ^ definition.macro public

extern int list_debug;
static int opened;
//         ^ definition.variable private
int list_debug = 0;
//  ^ definition.variable public
static const char *const names[] = { "première", "zweite" };
//                       ^ definition.variable private
static struct list_node *first, *last;
//                       ^ definition.variable private
//                               ^ definition.variable private
list_visit_fn on_visit;
//            ^ definition.variable public
void (*on_free)(void *);
//     ^ definition.variable public

#ifdef LIST_STATISTICS
static unsigned long visited = 0;
//                   ^ definition.variable private
#endif

static const struct list_operations list_ops = {
//                  ^ reference.type
//                                  ^ definition.variable private
    .open = list_open,
//          ^ reference.read
    .release = &list_release,
//              ^ reference.read
};

/* Counts what hangs on a list. */
int list_length(const struct list *list)
//  ^ definition.function public doc="Counts what hangs on a list."
//                           ^ reference.type
{
    struct list_node *node = list_first(list);
//         ^ reference.type
//                           ^ reference.call
    int n = 0;

    while (node) {
        n++;
        node = node->next;
    }
    TRACE("%d\n", n);
//  ^ reference.call
    return n;
}

static struct list_node *list_node_new(const char *name)
//                       ^ definition.function private
{
    struct list_node *node = (struct list_node *)malloc(sizeof(struct list_node));
//         ^ reference.type
//                                   ^ reference.type
//                                               ^ reference.call
//                                                                    ^ reference.type

    node->flags = 1;
//        ^ reference.write
    node->owner.uid = getuid();
//              ^ reference.write
//                    ^ reference.call
    opened += 1;
//  ^ !reference
    return node->visit(node, on_visit) ? node : NULL;
//               ^ reference.call
}

char **list_names(void) { return 0; }
//     ^ definition.function public

int (*list_visitor(int kind))(struct list_node *, void *)
//    ^ definition.function public
{
    return kind ? on_visit : 0;
}

int (list_is_debug)(void) { return list_debug; }
//   ^ definition.function public

int toString(a, b)
//  ^ definition.function public
    int a;
    char b;
{
    return a + b;
}

static void __proto__(void) { constructor(); }
//          ^ definition.function private
//                            ^ reference.call

static int __init list_init(void)
//                ^ definition.function private
{
    return register_list(&list_ops);
//         ^ reference.call
}

static struct list_node * __weak list_arch_node(int cpu)
//                               ^ definition.function private
{
    return 0;
}

SYSCALL_DEFINE1(list_sync, int, fd)
//              ^ definition.function public
{
    return do_list_sync(fd);
//         ^ reference.call
}
