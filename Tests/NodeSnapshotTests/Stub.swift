enum NodeSnapshotTestsStub {}
