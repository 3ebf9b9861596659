// A shelf that lends books.
`timescale 1ns/1ps
`include "limits.svh"
//        ^ reference.import
`define MAX_LOANS 5
//      ^ definition.macro public
`define IS_OPEN(s) ((s) == OPEN)
//      ^ definition.macro public

/// Types of the shelf.
package shelf_pkg;
//      ^ definition.namespace public doc="Types of the shelf."
  import base_pkg::*;
//       ^ reference.import

  parameter int unsigned Width = 8;
//                       ^ definition.constant in=shelf_pkg public
  localparam logic Reset = 1'b0;
//                 ^ definition.constant in=shelf_pkg public

  typedef logic [Width-1:0] word_t;
//                          ^ definition.type in=shelf_pkg public
  typedef enum logic [1:0] {
    OPEN,
//  ^ definition.enum_member in=shelf_pkg.state_e public
    LENT = 2'd2
//  ^ definition.enum_member in=shelf_pkg.state_e public
  } state_e;
//  ^ definition.enum in=shelf_pkg public

  typedef struct packed {
    word_t  title;
//  ^ reference.type
//          ^ definition.field in=shelf_pkg.book_t public
    state_e state;
//  ^ reference.type
//          ^ definition.field in=shelf_pkg.book_t public
  } book_t;
//  ^ definition.struct in=shelf_pkg public

  typedef union packed {
    word_t word;
//         ^ definition.field in=shelf_pkg.bits_u public
    logic [Width-1:0] bits;
//                    ^ definition.field in=shelf_pkg.bits_u public
  } bits_u;
//  ^ definition.union in=shelf_pkg public

  // Counts what is open.
  function automatic int count_open(book_t books[]);
//                       ^ definition.function in=shelf_pkg public doc="Counts what is open."
//                                  ^ reference.type
    int total = 0;
    foreach (books[i]) if (books[i].state == OPEN) total++;
//                                                 ^ reference.write
    return clamp(total);
//         ^ reference.call
  endfunction

  task automatic wait_for(input int n);
//               ^ definition.function in=shelf_pkg public
    repeat (n) @(posedge clk);
  endtask
endpackage

interface bus_if #(parameter int W = 8) (input logic clk);
//        ^ definition.interface public
//                               ^ definition.constant in=bus_if public
//                                                   ^ definition.property in=bus_if public
  logic [W-1:0] data;
//              ^ definition.field in=bus_if public
  logic valid;
//      ^ definition.field in=bus_if public
  modport master (output data, output valid);
//        ^ definition.property in=bus_if public
endinterface

virtual class item_base extends uvm_object;
//            ^ definition.class public
//                              ^ reference.inherit
  rand int unsigned length;
//                  ^ definition.field in=item_base public
  protected string label;
//                 ^ definition.field in=item_base protected
  constraint c_length { length < 10; }
//           ^ definition.property in=item_base public

  function new(string name = "item");
//         ^ definition.constructor in=item_base public
    super.new(name);
    label = name;
//  ^ reference.write
  endfunction

  pure virtual function void build();
//                           ^ definition.method in=item_base public
  extern task run(int n);

  virtual function string title();
//                        ^ definition.method in=item_base public
    helper.print(label);
//         ^ reference.call
    return label;
  endfunction
endclass

class item extends item_base implements printable;
//    ^ definition.class public
//                 ^ reference.inherit
//                                      ^ reference.inherit
  covergroup cg;
//           ^ definition.struct in=item public
    coverpoint length;
  endgroup
  function void build();
//              ^ definition.method in=item public
    cg = new();
  endfunction
endclass

interface class printable;
//              ^ definition.interface public
  pure virtual function void print();
//                           ^ definition.method in=printable public
endclass

task item_base::run(int n);
//              ^ definition.method in=item_base public
  shelf_pkg::wait_for(n);
//           ^ reference.call
endtask

/* Lends one book a tick. */
module shelf
//     ^ definition.module public doc="Lends one book a tick."
  import shelf_pkg::*;
//       ^ reference.import
#(
  parameter int Depth = 4,
//              ^ definition.constant in=shelf public
  parameter type T = word_t
//               ^ definition.type in=shelf public
) (
  input  logic   clk_i,
//               ^ definition.property in=shelf public
  input  book_t  book_i,
//               ^ definition.property in=shelf public
  bus_if.master  bus,
//^ reference.type
//               ^ definition.property in=shelf public
  output state_e state_o
//               ^ definition.property in=shelf public
);
  state_e state_q, state_d;
//        ^ definition.variable in=shelf public
//                 ^ definition.variable in=shelf public
  wire ready;
//     ^ definition.variable in=shelf public
  reg [3:0] loans;
//          ^ definition.variable in=shelf public
  item it;
//^ reference.type
//     ^ definition.variable in=shelf public

  assign ready = `IS_OPEN(state_q);
//       ^ reference.write
//                ^ reference.macro

  always_ff @(posedge clk_i) begin
    state_q <= state_d;
//  ^ reference.write
    loans <= loans + 1;
//  ^ reference.write
    if (loans > `MAX_LOANS) $display("full");
//               ^ reference.macro
  end

  always_comb begin
    state_d = next_state(state_q);
//  ^ reference.write
//            ^ reference.call
  end

  property p_lent;
//         ^ definition.function in=shelf public
    @(posedge clk_i) ready |-> ##1 !ready;
  endproperty

  sequence s_open;
//         ^ definition.function in=shelf public
    ready ##1 ready;
  endsequence

  counter #(.W(4)) u_counter (
//^ reference.call
//                 ^ definition.variable in=shelf public
    .clk(clk_i),
    .count(loans)
  );
  buffer u_buffer (clk_i, ready);
//^ reference.call
//       ^ definition.variable in=shelf public
endmodule
