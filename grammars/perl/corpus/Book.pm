package Library::Book;
#       ^ definition.module public
use strict;
#   ^ !reference
use Carp qw(croak);
#   ^ reference.import
use parent -norequire, 'Library::Item';
#                       ^ reference.inherit
use base qw(Exporter);
#           ^ reference.inherit
require Library::Store;
#       ^ reference.import

our @ISA = ('Library::Thing');
#            ^ reference.inherit
our $VERSION = '1.2';
#    ^ definition.variable in=Library.Book public
my $count = 0;
use constant LIMIT => 8;
#            ^ definition.constant in=Library.Book
use constant { OPEN => 'o', _CLOSED => 'c' };
#              ^ definition.constant in=Library.Book public
#                           ^ definition.constant in=Library.Book private

=head2 new

Makes a book.

=cut
sub new {
#   ^ definition.function in=Library.Book public doc="new"
    my ($class, %given) = @_;
    my $self = bless {%given}, $class;
#              ^ !reference
    $self->{title} = normalise($given{title});
#           ^ reference.write
#                    ^ reference.call
    return $self;
}

# Lends the book.
sub _lend($self, $days) {
#   ^ definition.function in=Library.Book private doc="Lends the book."
    croak "too long" if $days > LIMIT;
#   ^ reference.call
    Library::Store->open->save($self);
#   ^ reference.type
#                   ^ reference.call
#                         ^ reference.call
    Library::Log::note(1);
#   ^ reference.call
    &notify(2);
#    ^ reference.call
    on_return(\&notify);
#   ^ reference.call
#               ^ reference.read
}

*borrow = \&_lend;
#^ definition.function in=Library.Book
*Library::Book::give = sub { 1 };
#^ definition.function in=Library.Book

package Library::Shelf { sub size { scalar @{ $_[0]{books} } } }
#       ^ definition.module in=Library.Book
#                            ^ definition.function in=Library.Book.Library.Shelf

package Library::Reader;
#       ^ definition.module in=
use Moose;
#   ^ reference.import
extends 'Library::Person';
#        ^ reference.inherit
has 'name' => (is => 'ro', isa => 'Str');
#    ^ definition.property in=Library.Reader
has card => (is => 'rw');
#   ^ definition.property in=Library.Reader

class Point { field $x = 0; method move($by) { $x += $by } }
#     ^ definition.class in=Library.Reader
#                    ^ definition.field in=Library.Reader.Point
#                                  ^ definition.method in=Library.Reader.Point
class Line;
#     ^ definition.class
role Shown { method show { draw(1) } }
#    ^ definition.trait
#                   ^ definition.method
#                          ^ reference.call

1;
__END__
sub nothing { }
