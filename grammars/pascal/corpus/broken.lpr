program Broken;

procedure Whole;
//        ^ definition.function
begin
  WriteLn('whole');
end;

procedure Half(A: Integer;
//        ^ definition.function
begin
  Whole(
end;

class function TShelf.Torn(const A: string): string;
//                    ^ definition.method in=TShelf
{$IF DEFINED(OLD)}
var
  B: string;
//^ definition.variable
{$ENDIF}
begin
  {$IF DEFINED(OLD)}
  Result := B;
  {$ELSE}
  Result := A;
  {$ENDIF}
end;

constructor TShelf.Create;
//                 ^ definition.method in=TShelf
begin
  Whole;
//^ reference.call
end;

begin
  Whole;
end.
