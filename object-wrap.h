/*
 * For compiling better-sqlite3 12 with the headers of Node 24.19 and newer. There each `node::ObjectWrap` takes its
 * cleanup hook back when it is collected, which ends the process where no context is entered (a collection in idle
 * time). Included before all else, this leaves the hooks out, as in the headers before.
 */
#ifdef __cplusplus
#include <node.h>
namespace node {
inline void NoCleanupHook(v8::Isolate*, void (*)(void*), void*) {}
}
#define AddEnvironmentCleanupHook NoCleanupHook
#define RemoveEnvironmentCleanupHook NoCleanupHook
#include <node_object_wrap.h>
#undef AddEnvironmentCleanupHook
#undef RemoveEnvironmentCleanupHook
#endif
