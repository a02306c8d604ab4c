local step(name, commands) = { name: name, image: 'golang:1.23', commands: commands };
local Build(arch) = {
  kind: 'pipeline',
  name: 'build-' + arch,
  platform: { arch: arch },
  steps: [
    step('build', ['make build']),
    { name: 'image', image: 'plugins/docker', settings: { repo: 'example/server', tags: [arch] } },
  ],
};
[Build('amd64'), Build('arm64')]
