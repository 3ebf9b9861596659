$root = "/srv"
#^ definition.variable

# @summary A shelf that lends books.
class library::shelf (
#              ^ definition.class in=library doc="@summary A shelf that lends bo"
  Boolean $open = true,
#          ^ definition.property in=library.shelf
  Optional[Library::Port] $port = undef,
#                   ^ reference.type
#                          ^ definition.property in=library.shelf
  Library::Mode $mode = 'lending',
#          ^ reference.type
#                ^ definition.property in=library.shelf
) inherits library::params {
#                   ^ reference.inherit
  include library::readers
#                  ^ reference.import
  include stdlib
#         ^ reference.import
  require library
#         ^ reference.import

  $path = "${library::params::root}/shelf"
#  ^ definition.field in=library.shelf
  $loans = library::limit($port)
#  ^ definition.field in=library.shelf
#                   ^ reference.call

  package { 'shelf':
#            ^ definition.property in=library.shelf
    ensure => installed,
  }

  file { '/etc/shelf.conf':
#         ^ definition.property in=library.shelf
    ensure  => file,
    content => template('library/shelf.erb'),
    require => Package['shelf'],
#                       ^ reference.read
    notify  => Library::Book['first'],
  }

  library::book { 'first':
#          ^ reference.call
#                  ^ definition.property in=library.shelf
    title => 'one',
  }

  if $open {
    concat { 'index':
#   ^ reference.call
#             ^ definition.property in=library.shelf
      path => $library::params::index,
#                               ^ reference.read
    }
  }
}

# One book.
define library::book (
#               ^ definition.type in=library doc="One book."
  String $title,
#         ^ definition.property in=library.book
  Integer $copies = 1,
#          ^ definition.property in=library.book
) {
  stamp($title)
# ^ reference.call
}

# How many books one reader may hold.
function library::limit(Integer $n) >> Integer {
#                 ^ definition.function in=library doc="How many books one reader may"
  library::shelf::clamp($n)
#                 ^ reference.call
}

function library::shelf::clamp(Integer $n) {
#                        ^ definition.function in=library.shelf
  $n
}

type Library::Port = Integer[1, 65535]
#             ^ definition.type in=Library

class library {
#     ^ definition.class
}

class library::store::index::entry {
#                            ^ definition.class in=library.store.index
}

define library::store::row($cells) {
#                      ^ definition.type in=library.store
#                           ^ definition.property in=library.store.row
}

node 'shelf.example.org' {
#     ^ definition.section
  include library::shelf
#                  ^ reference.import
}
