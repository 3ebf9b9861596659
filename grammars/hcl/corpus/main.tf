# Where the shelf runs.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}

provider "aws" {
#         ^ definition.section
  region = var.region
#              ^ reference.read
}

# Where.
variable "region" {
#         ^ definition.variable doc="Where."
  type    = string
  default = "eu-west-1"
}

locals {
  name = "shelf-${var.region}"
# ^ definition.constant
  tags = { owner = "ada" }
# ^ definition.constant
}

data "aws_ami" "linux" {
#               ^ definition.struct in=aws_ami
  most_recent = true
}

/* What answers. */
resource "aws_instance" "web" {
#                        ^ definition.struct in=aws_instance doc="What answers."
  count         = length(var.zones)
#                            ^ reference.read
  ami           = data.aws_ami.linux.id
#                      ^ reference.read
#                              ^ reference.read
  subnet_id     = module.network.subnets[0]
#                        ^ reference.read
#                                ^ reference.read
  security      = [aws_security_group.open.id]
#                                     ^ reference.read
#                                          ^ reference.read
  tags          = cidrhost(local.tags, { Name = local.name })
#                 ^ reference.call
#                                ^ reference.read
#                                                     ^ reference.read
  dynamic "disk" {
    for_each = var.disks
#                  ^ reference.read
    content { size = disk.value }
#                         ^ reference.read
  }
}

module "network" {
#       ^ definition.module
  source = "./network"
  cidr   = "10.0.0.0/16"
}

output "address" {
#       ^ definition.variable
  value = aws_instance.web[0].public_ip
#                      ^ reference.read
}

moved {
  from = aws_instance.old
#                     ^ reference.read
  to   = aws_instance.web
}
