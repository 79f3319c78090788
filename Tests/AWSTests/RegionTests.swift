import TestSupport
import Testing

@testable import AWS

@Suite(.enabled(if: StandIn.isAvailable, "needs python3 and openssl"))
struct RegionTests {
    static let environments: [(environment: [String: String], region: String)] = [
        (["AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-west-2"], "us-east-1"),
        (["AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"], "us-west-2"), ([:], "eu-central-1"),
    ]

    @Test(arguments: environments)
    func current(environment: [String: String], region: String) throws {
        let metadata = try MetadataServer().metadata()
        #expect(try Region.current(environment: environment, metadata: metadata, at: exampleTime) == region)
    }

    @Test(arguments: ["us east", "evil.example/", "us-east-1\n"])
    func unusable(region: String) throws {
        let metadata = try MetadataServer().metadata()
        #expect(throws: AWSError.invalidVariable("AWS_REGION")) {
            try Region.current(environment: ["AWS_REGION": region], metadata: metadata, at: exampleTime)
        }
    }

    static let domains: [(region: String, domain: String)] = [
        ("eu-central-1", "amazonaws.com"), ("us-gov-west-1", "amazonaws.com"), ("cn-north-1", "amazonaws.com.cn"),
        ("us-isob-east-1", "sc2s.sgov.gov"), ("eusc-de-east-1", "amazonaws.eu"),
    ]

    @Test(arguments: domains)
    func servicesDomain(region: String, domain: String) {
        #expect(Region.servicesDomain(of: region) == domain)
    }
}
