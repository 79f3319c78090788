enum NodeModelTestsStub {}
