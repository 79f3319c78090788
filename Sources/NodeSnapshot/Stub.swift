enum NodeSnapshotStub {}
