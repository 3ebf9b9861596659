export function whole(): number {
//              ^ definition.function public
  return 1;
}

export function half( {
  return whole(;

export class After {
//           ^ definition.class public
  method() {}
//^ definition.method in=After public
}
