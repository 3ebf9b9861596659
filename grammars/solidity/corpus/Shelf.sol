// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Limits.sol";
//     ^ reference.import
import {Ownable} from "@example/access/Ownable.sol";
//      ^ reference.import
//                    ^ reference.import

uint256 constant MAX_LOANS = 5;
//               ^ definition.constant

type BookId is uint256;
//   ^ definition.type

error TooManyLoans(address reader, uint256 loans);
//    ^ definition.type

/// @notice Whoever lends.
interface ILender {
//        ^ definition.interface doc="@notice Whoever lends."
    function lend(BookId id) external returns (bool);
//           ^ definition.method in=ILender
//                ^ reference.type
}

library Dates {
//      ^ definition.module
    function due(uint256 start) internal pure returns (uint256) {
//           ^ definition.function in=Dates
        return start + 14 days;
    }
}

/**
 * @title A shelf that lends books
 */
contract Shelf is ILender, Ownable {
//       ^ definition.class doc="@title A shelf that lends book"
//                ^ reference.inherit
//                         ^ reference.inherit
    using Dates for uint256;
//        ^ reference.type

    enum State { Open, Lent }
//       ^ definition.enum in=Shelf
//               ^ definition.enum_member in=Shelf.State
//                     ^ definition.enum_member in=Shelf.State

    struct Book {
//         ^ definition.struct in=Shelf
        string title;
//             ^ definition.field in=Shelf.Book
        State state;
//      ^ reference.type
//            ^ definition.field in=Shelf.Book
        address reader;
//              ^ definition.field in=Shelf.Book
    }

    uint256 public constant FEE = 1 ether;
//                          ^ definition.constant in=Shelf
    mapping(BookId => Book) private books;
//                    ^ reference.type
//                                  ^ definition.field in=Shelf
    uint256 internal count;
//                   ^ definition.field in=Shelf
    address immutable keeper;
//                    ^ definition.field in=Shelf

    event Lent(BookId indexed id, address reader);
//        ^ definition.event in=Shelf
    error NotOpen();
//        ^ definition.type in=Shelf

    modifier onlyKeeper() {
//           ^ definition.method in=Shelf
        require(msg.sender == keeper, "not the keeper");
        _;
    }

    constructor(address owner) Ownable(owner) {
//  ^ definition.constructor in=Shelf
//                             ^ reference.call
        keeper = owner;
//      ^ reference.write
    }

    receive() external payable {}
//  ^ definition.method in=Shelf

    /// Hands a book out.
    function lend(BookId id) external override onlyKeeper returns (bool) {
//           ^ definition.method in=Shelf doc="Hands a book out."
//                                             ^ reference.call
        Book storage book = books[id];
        if (book.state != State.Open) revert NotOpen();
//                                           ^ reference.call
        if (count >= MAX_LOANS) revert TooManyLoans(msg.sender, count);
//                                     ^ reference.call
        book.state = State.Lent;
//           ^ reference.write
        books[id] = book;
//      ^ reference.write
        count += 1;
//      ^ reference.write
        emit Lent(id, msg.sender);
//           ^ reference.call
        return _notify(book);
//             ^ reference.call
    }

    function _notify(Book memory book) private returns (bool) {
//           ^ definition.method in=Shelf
        Reader reader = new Reader(book.reader);
//      ^ reference.type
//                          ^ reference.call
        reader.welcome{value: FEE}(book.title);
//             ^ reference.call
        uint256 end = Dates.due(block.timestamp);
//                          ^ reference.call
        assembly {
            function double(x) -> y {
//                   ^ definition.function in=Shelf._notify
                y := mul(x, 2)
            }
            end := double(end)
//                 ^ reference.call
        }
        return end > 0;
    }
}
