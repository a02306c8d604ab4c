package main

type Widget struct{}

func (m *Widget) Publish(ctx context.Context, source *Directory, address string) (string, error) {
	return dag.Container().From("alpine").WithDirectory("/src", source).Publish(ctx, address)
}
