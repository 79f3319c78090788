enum ProcFSStub {}
