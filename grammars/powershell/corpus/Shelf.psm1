using module ./Tools.psm1
# <- reference.call
using namespace System.IO
Import-Module Pester
#             ^ reference.import
. $PSScriptRoot/helpers.ps1

$script:Opened = 0
[int]$MaxLoans = 5
New-Variable -Name Limit -Value 3
# <- reference.call

<#
.SYNOPSIS
Lends a book.
#>
function Get-Book {
#        ^ definition.function doc=".SYNOPSIS"
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Title,
        [Book[]] $Others = @()
#        ^ reference.type
    )
    process {
        $local = [Book]::new($Title)
#                        ^ reference.call
        $script:Opened += 1
        Write-Loan -Book $local | ForEach-Object { $_.Close() }
#       ^ reference.call
#                                                     ^ reference.call
        Invoke-Helper $local
#       ^ reference.call
    }
}

filter Select-Thick { if ($_.Pages -gt 500) { $_ } }
#      ^ definition.function

function script:Write-Loan([Book] $Book) {
#        ^ definition.function
    function inner { }
#            ^ definition.function in=script:Write-Loan
    $Book.Owner = 'ada'
    & $handler
}

enum State {
#    ^ definition.enum
    Open
#   ^ definition.enum_member in=State
    Closed = 2
#   ^ definition.enum_member in=State
}

# What is lent.
class Book : Entry, System.IDisposable {
#     ^ definition.class doc="What is lent."
#            ^ reference.inherit
#                   ^ reference.inherit
    [string] $Title
#            ^ definition.property in=Book
    static [int] $Count = 0
#                ^ definition.property in=Book
    hidden [State] $State
#           ^ reference.type
#                  ^ definition.property in=Book

    Book([string] $title) { $this.Title = $title }
#   ^ definition.method in=Book

    [void] Close() { [Book]::Count++ }
#          ^ definition.method in=Book
    static [Book] Make([string] $title) { return [Book]::new($title) }
#                 ^ definition.method in=Book
}

workflow Run-All { }
#        ^ definition.function
Export-ModuleMember -Function Get-Book
