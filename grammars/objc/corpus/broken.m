@implementation Whole
- (int)whole { return 1; }
//     ^ definition.method public
- (int)half:(int)n {
    [self call:n
//        ^ reference.call
}
@end
 // <- reference.call

int after(void) { return 2; }
// <- reference.call
//  ^ reference.call
