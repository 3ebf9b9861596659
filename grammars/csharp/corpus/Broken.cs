public class Broken
//           ^ definition.class public
{
    public int Whole() { return 1; }
//             ^ definition.method public

    public int Half(int n)
//             ^ definition.method public
    {
        return Call(n
