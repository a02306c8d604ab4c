module example.org/parser

go 1.25.5

require github.com/moby/buildkit v0.29.0
