def whole():
#   ^ definition.function public
    return 1


def half(:
#   ^ definition.function public
    return whole(


class After:
#     ^ definition.class public
    def method(self):
#       ^ definition.method in=After public
        return whole()
#              ^ reference.call
