#import <Foundation/Foundation.h>
//      ^ reference.import
#import "Shelf.h"
//      ^ reference.import
#include <stdio.h>
//       ^ reference.import
@import UIKit;
//      ^ reference.import
@class Reader;

#define MAX_LOANS 5
//      ^ definition.macro public
#define SQUARE(x) ((x) * (x))
//      ^ definition.macro public

static NSString *const kShelfName = @"shelf";
//                     ^ definition.variable private
static int opened = 0;
//         ^ definition.variable private

typedef void (^Handler)(Book *book);
//             ^ definition.type public
//                      ^ reference.type
typedef struct { int page; } Mark;
//                   ^ definition.field in=Mark public
//                           ^ definition.type public
struct Point { int x; };
//     ^ definition.struct public
//                 ^ definition.field in=Point public
enum Colour { Red, Green };
//   ^ definition.enum public
//            ^ definition.enum_member in=Colour public
//                 ^ definition.enum_member in=Colour public

/// What lends.
@protocol Lender <NSObject>
//        ^ definition.interface public doc="What lends."
//                ^ reference.inherit
@required
- (void)lend:(Book *)book;
//      ^ definition.method in=Lender public
@optional
@property (nonatomic, readonly) NSString *name;
//                                        ^ definition.property in=Lender public
@end

/** What is lent. */
@interface Book : Entry <Lender, NSCopying> {
//         ^ definition.class public doc="What is lent."
//                ^ reference.inherit
//                       ^ reference.inherit
//                               ^ reference.inherit
    int _pages;
//      ^ definition.field in=Book public
}
@property (nonatomic, strong) NSString *title;
//                                      ^ definition.property in=Book public
@property (assign) NSInteger pages, size;
//                           ^ definition.property in=Book public
//                                  ^ definition.property in=Book public
@property (copy) void (^done)(Book *);
//                      ^ definition.property in=Book public
+ (instancetype)bookWithTitle:(NSString *)title;
//              ^ definition.method in=Book public
- (BOOL)isThick;
//      ^ definition.method in=Book public
@end

@interface Book ()
//         ^ definition.class public
@property (weak) id<Lender> delegate;
//                          ^ definition.property in=Book public
@end

@interface Book (Tools)
//         ^ definition.class public
- (void)close;
//      ^ definition.method in=Book public
@end

@implementation Book {
//              ^ definition.class public
    Reader *_owner;
//  ^ reference.type
//          ^ definition.field in=Book public
}

@synthesize title = _title;

+ (instancetype)bookWithTitle:(NSString *)title {
//              ^ definition.method in=Book public
    return [[Book alloc] initWithTitle:title pages:0];
//                       ^ reference.call
//                                           ^ reference.call
}

/// Makes one.
- (instancetype)initWithTitle:(NSString *)title pages:(NSInteger)pages {
//              ^ definition.method in=Book public doc="Makes one."
    if (self = [super init]) {
//      ^ reference.write
        _title = [title copy];
//      ^ reference.write
//                      ^ reference.call
        self.pages = pages;
//           ^ reference.write
    }
    return self;
}

- (void)lend:(Book *)book {
//      ^ definition.method in=Book public
    NSLog(@"%@", book.title);
    ShelfOpen(book, ^(Reader *reader) { [reader take:book]; });
//  ^ reference.call
//                                              ^ reference.call
    [self performSelector:@selector(close) withObject:nil];
//        ^ reference.call
//                                  ^ reference.read
//                                         ^ reference.call
}

- (BOOL)isThick { return _pages > 500; }
//      ^ definition.method in=Book public

@end

@implementation Book (Tools)
//              ^ definition.class public
- (void)close { [self.delegate lend:self]; }
//      ^ definition.method in=Book public
//                             ^ reference.call
@end

/* Opens. */
void ShelfOpen(Book *book, Handler handler) {
//   ^ definition.function public doc="Opens."
//                         ^ reference.type
    handler(book);
//  ^ reference.call
}

static inline int add(int a, int b) { return SQUARE(a) + b; }
//                ^ definition.function private
//                                           ^ reference.call

int main(int argc, char *argv[]) {
//  ^ definition.function public
    @autoreleasepool { return add(1, MAX_LOANS); }
//                            ^ reference.call
}
