pragma solidity ^0.8.20;

contract Whole {
//       ^ definition.class
    function run() public {
//           ^ definition.method in=Whole
        stop();
//      ^ reference.call
    }
}

contract Half {
//       ^ definition.class
    function first() public { }
//           ^ definition.method in=Half

    function second(uint256 a, {
//           ^ definition.method in=Half
        Whole(a

    function third() public { }
}
