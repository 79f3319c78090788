enum LinuxSystemTestsStub {}
