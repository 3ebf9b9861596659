# A service.
{ lib, stdenv, fetchurl ? null, ... }@args:

let
  inherit (lib) mkOption types;
#               ^ reference.read
#                        ^ reference.read
  version = "1.2";
# ^ definition.variable
  # Doubles.
  double = x: x * 2;
# ^ definition.function doc="Doubles."
  add = { a, b ? 1 }:
# ^ definition.function
    let
      sum = join a b;
#           ^ reference.call
    in { total = sum; };
#        ^ definition.field in=add
  pkgs = import <nixpkgs> { };
# ^ definition.variable
#               ^ reference.import
  local = import ./local.nix;
# ^ definition.variable
#                ^ reference.import
in
rec {
  imports = [ ./loans.nix ];
# ^ definition.field in=
#             ^ reference.import
  meta = with lib.licenses; {
# ^ definition.field
#                 ^ reference.read
    license = mit;
#   ^ definition.field in=meta
  };
  options.services.shelf = {
# ^ definition.field
    enable = lib.mkEnableOption "shelf";
#   ^ definition.field in=options.services.shelf
#                ^ reference.call
    port = mkOption { default = double 3; };
#   ^ definition.field in=options.services.shelf
#          ^ reference.call
#                     ^ definition.field in=options.services.shelf.port
#                               ^ reference.call
  };
  "quoted" = 1;
# ^ definition.field
  tool = callPackage ./tool { };
# ^ definition.field
#                    ^ reference.import
  inherit version;
#         ^ reference.read
}
