pub struct Before {
//         ^ definition.struct public
    pub kept: bool,
//      ^ definition.field in=Before public
}

impl Before {
    pub fn whole(&self) -> bool { self.kept }
//         ^ definition.method in=Before public
}

fn unfinished(a: u8) -> u8 {
// ^ definition.function private
    let b = call_me(
