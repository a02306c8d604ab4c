// parser reads Dockerfiles, whose paths come one a line on standard input, with BuildKit's own parser, and says a line
// of JSON about each: its instructions with line, flags and here-documents, its stages, or the error.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

type document struct {
	Name    string `json:"name"`
	Text    string `json:"text"`
	Expand  bool   `json:"expand"`
	Chomped bool   `json:"chomped"`
}

type instruction struct {
	Name      string     `json:"name"`
	Line      int        `json:"line"`
	Flags     []string   `json:"flags"`
	Documents []document `json:"documents"`
}

type stage struct {
	Name string `json:"name"`
	Base string `json:"base"`
}

type answer struct {
	Error        string        `json:"error"`
	Instructions []instruction `json:"instructions"`
	Stages       []stage       `json:"stages"`
}

func read(path string) (answer, error) {
	found := answer{}
	file, err := os.Open(path)
	if err != nil {
		return found, err
	}
	defer file.Close()
	result, err := parser.Parse(file)
	if err != nil {
		return found, err
	}
	for _, node := range result.AST.Children {
		one := instruction{Name: node.Value, Line: node.StartLine, Flags: node.Flags}
		for _, text := range node.Heredocs {
			one.Documents = append(one.Documents, document{text.Name, text.Content, text.Expand, text.Chomp})
		}
		found.Instructions = append(found.Instructions, one)
	}
	stages, _, err := instructions.Parse(result.AST, nil)
	for _, one := range stages {
		found.Stages = append(found.Stages, stage{one.Name, one.BaseName})
	}
	return found, err
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		found, err := read(lines.Text())
		if err != nil {
			found.Error = err.Error()
		}
		if err := out.Encode(found); err != nil {
			panic(err)
		}
	}
}
