namespace Example.Scoped;
//        ^ definition.namespace

public class Whole
//           ^ definition.class in=Example.Scoped public
{
    public async Task<int> RunAsync() => await Work();
//               ^ reference.type
//                         ^ definition.method in=Example.Scoped.Whole public
//                                             ^ reference.call
}
