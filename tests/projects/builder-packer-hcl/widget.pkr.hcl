variable "registry" {
  type    = string
  default = "ghcr.io"
}

variable "tag" {
  type = string
}

source "docker" "widget" {
  image  = "ubuntu:24.04"
  commit = true
}

build {
  sources = ["source.docker.widget"]

  provisioner "shell" {
    inline = ["apt-get update"]
  }

  post-processors {
    post-processor "docker-tag" {
      repository = "${var.registry}/acme/widget"
      tags       = [var.tag, "latest"]
    }
    post-processor "docker-push" {
      login_server = var.registry
    }
  }
}
