<?php
class Broken
//    ^ definition.class public
{
    public function whole() { return 1; }
//                  ^ definition.method public

    public function half(int $n)
//                  ^ definition.function public
    {
        return call($n
