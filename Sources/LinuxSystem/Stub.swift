enum LinuxSystemStub {}
