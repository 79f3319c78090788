enum ProcFSTestsStub {}
