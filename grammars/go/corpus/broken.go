package broken

func Whole() int { return 1 }
//   ^ definition.function public

func Half( {
//   ^ definition.function public
	return Whole(

type After struct {
//   ^ definition.struct in=Half public
	Name string
 // <- definition.field in=Half.After public
}
