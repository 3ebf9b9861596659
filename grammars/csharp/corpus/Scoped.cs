namespace Example.Scoped;
//        ^ definition.namespace

public class Whole
//           ^ definition.class public
{
    public async Task<int> RunAsync() => await Work();
//               ^ reference.type
//                         ^ definition.method in=Whole public
//                                             ^ reference.call
}
