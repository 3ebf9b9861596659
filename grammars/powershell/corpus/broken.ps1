function Get-Whole { return 1 }
#        ^ definition.function

function Get-Half {
#        ^ definition.function
    param([string $Name)
    Call-It $Name
#   ^ reference.call
}

function Get-After { }
#        ^ definition.function
