package main

import (
	"context"

	"dagger/app/internal/dagger"
)

type App struct{}

// Publish builds the image and pushes it.
func (m *App) Publish(ctx context.Context, source *dagger.Directory, token *dagger.Secret) (string, error) {
	return source.DockerBuild().WithRegistryAuth("ghcr.io", "example", token).Publish(ctx, "ghcr.io/example/app:latest")
}
