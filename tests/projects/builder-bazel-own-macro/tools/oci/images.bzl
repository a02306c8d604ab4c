load("@rules_oci//oci:defs.bzl", "oci_image", "oci_push")

def headless_image(name, visibility = None):
    oci_image(
        name = name,
        base = "@node",
    )
    oci_push(
        name = name + "_push",
        image = ":" + name,
        repository = "ghcr.io/acme/headless",
    )
