"""One module per report format; each declares a reporter with `slsacheck.api.reporter`."""
