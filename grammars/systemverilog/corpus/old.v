module counter(clk, reset, count);
//     ^ definition.module public
  parameter W = 4;
//          ^ definition.constant in=counter public
  input clk;
//      ^ definition.property in=counter public
  input reset;
//      ^ definition.property in=counter public
  output [W-1:0] count;
//               ^ definition.property in=counter public
  reg [W-1:0] count;
//            ^ definition.variable in=counter public
  integer i;
//        ^ definition.variable in=counter public

  function [3:0] next;
//               ^ definition.function in=counter public
    input [3:0] value;
    next = value + 1;
//  ^ reference.write
  endfunction

  always @(posedge clk)
    if (reset) count <= 0;
//             ^ reference.write
    else count <= next(count);
//                ^ reference.call
endmodule

primitive inverter(out, in);
//        ^ definition.module public
  output out;
  input in;
  table
    0 : 1;
    1 : 0;
  endtable
endprimitive

module half(input clk, output reg q;
//     ^ definition.module public
//                ^ definition.property in=half public
//                                ^ definition.property in=half public
  always @(posedge clk) q <= 
//                      ^ reference.write
endmodule

module after(input a);
//     ^ definition.module public
//                 ^ definition.property in=after public
endmodule
