# frozen_string_literal: true

require 'json'
# <- reference.call
#        ^ reference.import
require_relative "shelf/book"
# <- reference.call
#                 ^ reference.import

$opened = 0
# <- definition.variable

# Keeps books.
module Library
#      ^ definition.module doc="Keeps books."
  VERSION = '1.2'
# ^ definition.constant in=Library

  class Error < StandardError; end
#       ^ definition.class in=Library
#               ^ reference.inherit

  class Shelf < Storage::Base
#       ^ definition.class in=Library
#               ^ reference.type
#                        ^ reference.inherit
    include Enumerable
#   ^ reference.call
#           ^ reference.inherit
    extend Forwardable, Tools::Naming
#   ^ reference.call
#          ^ reference.inherit
#                       ^ reference.type
#                              ^ reference.inherit

    LIMIT = 8
#   ^ definition.constant in=Library.Shelf
    A, B = 1, 2
#   ^ definition.constant in=Library.Shelf
#      ^ definition.constant in=Library.Shelf
    Point = Struct.new(:x, :y) do
#   ^ definition.class in=Library.Shelf
      def sum; x + y; end
#         ^ definition.method in=Library.Shelf.Point
#              ^ !reference
    end

    attr_reader :books, :größe
#               ^ definition.property in=Library.Shelf
#                       ^ definition.property in=Library.Shelf
    attr_accessor "label"
#                  ^ definition.property in=Library.Shelf

    # Makes an empty shelf.
    def initialize(label, *books)
#       ^ definition.method in=Library.Shelf doc="Makes an empty shelf."
      super()
      @label = label
#     ^ reference.write
      @@count ||= 0
#     ^ reference.write
      $opened += 1
#     ^ reference.write
    end

    def each(&block)
#       ^ definition.method in=Library.Shelf
      books.each { |book| yield Book.wrap(book) }
#           ^ reference.call
#                               ^ reference.type
#                                    ^ reference.call
      self.position = 3
#          ^ reference.call
      sort!(by: :title)
#     ^ reference.call
    rescue Missing::Page, KeyError => e
#          ^ reference.type
#                   ^ reference.type
#                         ^ reference.type
      Library::Log.warn(e.message)
#     ^ reference.type
#              ^ reference.type
#                  ^ reference.call
#                         ^ reference.call
    end

    def self.constructor(path) = new(path)
#            ^ definition.method in=Library.Shelf
#                                ^ reference.call

    class << self
      def open(path); end
#         ^ definition.method in=Library.Shelf
      attr_writer :default
#                 ^ definition.property in=Library.Shelf
    end

    def ==(other) = label == other.label
#       ^ definition.method in=Library.Shelf
    def [](index) = books[index]
#       ^ definition.method in=Library.Shelf
    def <=>(other) = label <=> other.label
#       ^ definition.method in=Library.Shelf
    def empty?; books.empty?; end
#       ^ definition.method in=Library.Shelf
    def label=(value); end
#       ^ definition.method in=Library.Shelf

    define_method(:toString) { label }
#                 ^ definition.method in=Library.Shelf
    alias_method :size, :count
#                ^ definition.method in=Library.Shelf
    alias to_s inspect
#         ^ definition.method in=Library.Shelf

    private

    def __proto__; end
#       ^ definition.method in=Library.Shelf

    private def überlauf(n) = n
#               ^ definition.method in=Library.Shelf
  end
end

class Library::Page
#              ^ definition.class in=Library
end

class ::Shelf; end
#       ^ definition.class

def top_level(argument)
#   ^ definition.function
  helper argument
# ^ reference.call
end
