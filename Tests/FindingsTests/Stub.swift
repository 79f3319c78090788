enum FindingsTestsStub {}
