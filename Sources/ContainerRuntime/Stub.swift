enum ContainerRuntimeStub {}
