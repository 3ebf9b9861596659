#!/usr/bin/perl
sub whole { return 1 }
#   ^ definition.function

sub half {
#   ^ definition.function
    my $x = (
    call_me(
