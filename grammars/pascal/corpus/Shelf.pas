{ A shelf that lends books. }
unit Shelf;
//   ^ definition.module doc="A shelf that lends books."

interface

uses
  SysUtils, System.Classes;
//^ reference.import
//          ^ reference.import

const
  MaxLoans = 5;
//^ definition.constant in=Shelf

type
  { Whether a book is there. }
  TState = (stOpen, stLent);
//^ definition.enum in=Shelf doc="Whether a book is there."
//          ^ definition.enum_member in=Shelf.TState doc="Whether a book is there."
//                  ^ definition.enum_member in=Shelf.TState doc="Whether a book is there."
  TBookId = type Integer;
//^ definition.type in=Shelf
  TShelf = class;
  TLendEvent = procedure(Sender: TObject; Id: TBookId) of object;
//^ definition.type in=Shelf
//                               ^ reference.type
//                                            ^ reference.type

  ILender = interface(IInterface)
//^ definition.interface in=Shelf
//                    ^ reference.inherit
    ['{8D0E2B0C-0000-0000-0000-000000000001}']
    function Lend(Id: TBookId): Boolean;
//           ^ definition.method in=Shelf.ILender
  end;

  // What is lent.
  TBook = record
//^ definition.struct in=Shelf doc="What is lent."
    Title: string;
//  ^ definition.field in=Shelf.TBook
    State: TState;
//  ^ definition.field in=Shelf.TBook
//         ^ reference.type
  end;

  EShelf = class(Exception);
//^ definition.class in=Shelf
//               ^ reference.inherit

  TShelf = class(TComponent, ILender)
//^ definition.class in=Shelf
//               ^ reference.inherit
//                           ^ reference.inherit
  private
    FBooks: array of TBook;
//  ^ definition.field in=Shelf.TShelf
//                   ^ reference.type
    FCount, FOpen: Integer;
//  ^ definition.field in=Shelf.TShelf
//          ^ definition.field in=Shelf.TShelf
    FReaders: TList<TReader>;
//  ^ definition.field in=Shelf.TShelf
//            ^ reference.type
//                  ^ reference.type
    procedure SetCount(Value: Integer);
  public
    constructor Create(AOwner: TComponent); override;
//                             ^ reference.type
    destructor Destroy; override;
    function Lend(Id: TBookId): Boolean;
    procedure Sort; virtual; abstract;
//            ^ definition.method in=Shelf.TShelf
    class function Make: TShelf; static;
//                       ^ reference.type
    property Count: Integer read FCount write SetCount;
//           ^ definition.property in=Shelf.TShelf
  end;

  TStack<T> = class
//^ definition.class in=Shelf
    procedure Push(const Item: T);
//                             ^ reference.type
  end;

  TBookHelper = record helper for TBook
//^ definition.class in=Shelf
    function Short: string;
  end;

var
  Main: TShelf;
//^ definition.variable in=Shelf

procedure Run(Times: Integer);

implementation

uses
  Readers;
//^ reference.import

(* Runs for some time. *)
procedure Run(Times: Integer);
//        ^ definition.function in=Shelf doc="Runs for some time."
var
  Turn: Integer;

  procedure Once;
//          ^ definition.function in=Shelf.Run
  begin
    Main.Lend(Turn);
//       ^ reference.call
  end;

begin
  Main := TShelf.Create(nil);
//               ^ reference.call
  Once;
//^ reference.call
  Main.Sort;
//     ^ reference.call
  Main.Count := Clamp(Times);
//     ^ reference.write
//              ^ reference.call
end;

constructor TShelf.Create(AOwner: TComponent);
//                 ^ definition.constructor in=Shelf.TShelf
begin
  inherited Create(AOwner);
  FCount := 0;
//^ reference.write
  FReaders := TReaders.Empty;
//^ reference.write
//            ^ reference.type
//                     ^ reference.read
end;

destructor TShelf.Destroy;
//                ^ definition.method in=Shelf.TShelf
begin
  FReaders.Free;
//         ^ reference.call
  inherited Destroy;
//          ^ reference.call
end;

function TShelf.Lend(Id: TBookId): Boolean;
//              ^ definition.method in=Shelf.TShelf
begin
  if FCount >= MaxLoans then
    raise EShelf.Create('too many');
//        ^ reference.type
  FBooks[Id].State := stLent;
//           ^ reference.write
  Result := True;
end;

procedure TShelf.SetCount(Value: Integer);
//               ^ definition.method in=Shelf.TShelf
begin
  FCount := Value;
end;

class function TShelf.Make: TShelf;
//                    ^ definition.method in=Shelf.TShelf
begin
  Result := nil;
end;

procedure TStack<T>.Push(const Item: T);
//                  ^ definition.method in=Shelf.TStack
begin
end;

function TBookHelper.Short: string;
//                   ^ definition.method in=Shelf.TBookHelper
begin
  Result := Title;
end;

initialization
  Run(1);
//^ reference.call

end.
