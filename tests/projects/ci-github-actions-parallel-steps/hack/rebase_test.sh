#!/bin/sh
made=$(crane append -f x -t localhost:1338/made)
crane mutate ${made} --annotation a=b
