static int whole(void) { return 1; }
//         ^ definition.function private

int unfinished(struct list *list)
//  ^ definition.function public
{
    if (list_length(list
