enum ContainerRuntimeTestsStub {}
