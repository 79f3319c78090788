enum ChecksTestsStub {}
