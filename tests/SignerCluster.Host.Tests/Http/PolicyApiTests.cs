using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors.Requests;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Host.Http;
using SignerCluster.Journal.Policies;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Participants with a policy behind an API that has none.</summary>
public sealed class PolicyApiTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("signer-policy-").FullName, "policy.json");
    private readonly SigningKey _erin = NewKey();

    public void Dispose()
    {
        _erin.Dispose();
        Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
    }

    [Fact]
    public async Task Every_participant_verifies_the_approvals_of_a_post_and_without_them_the_session_fails()
    {
        using PolicyFile policy = OpenPolicy();
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { ParticipantsPolicy = policy });
        Psbt psbt = Psbts.Spending(host.GroupKey, inputs: 2);

        Answer failed = await host.PostAsync(Psbts.Body("without", psbt), $"{host.SessionsPath}?wait=30");
        Assert.Equal((HttpStatusCode.OK, "failed"), (failed.Status, failed.State));
        Assert.All(
            failed.Json.GetProperty("declined").EnumerateArray(),
            static seat => Assert.Equal("policy_approvals_missing", seat.GetProperty("code").GetString()));

        string body = $$"""{"approvals":["{{ApprovalOf(host.Group, psbt)}}"],{{Psbts.Body("with", psbt)[1..]}}""";
        Answer signed = await host.PostAsync(body, $"{host.SessionsPath}?wait=30");
        Assert.Equal((HttpStatusCode.OK, "completed"), (signed.Status, signed.State));
        Assert.NotNull(signed.Json.GetProperty("transaction").GetString());
        (await host.PostAsync(Psbts.Body("with", psbt))).ShouldBeProblem(HttpStatusCode.Conflict, "session_conflict");
    }

    [Fact]
    public async Task Approvals_travel_with_a_withdrawal_as_with_a_session()
    {
        using PolicyFile policy = OpenPolicy();
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { ParticipantsPolicy = policy });
        GuardianRules rules = new(new LimiterWindow("day", 100_000, 1), MaximumAge: 1_800, MaximumSkew: 300, LooseningDelay: 0);
        await host.Cluster.Guardians.Single(static party => party.IsCoordinator).Desk.AskAsync(
            new GuardianAddress(host.Group), new GuardianCommand.Configure(rules), CancellationToken.None);
        Psbt psbt = Psbts.Spending(host.GroupKey, inputs: 1);
        WithdrawalRequest request = new("w1", psbt.ToBase64(), Approvals: [ApprovalOf(host.Group, psbt).ToString()]);
        Assert.True(SessionBody.TryMakeWithdrawal(request, out SessionBody? body, out _));
        SessionBody.OfWithdrawal withdrawal = Assert.IsType<SessionBody.OfWithdrawal>(body);
        Assert.IsType<SigningReport.Signed>(await host.Cluster.Desk.WithdrawAsync(
            host.Group, withdrawal.Session, psbt.ToBytes(), withdrawal.Approvals, timestamp: null, TimeSpan.FromSeconds(30), CancellationToken.None));

        foreach (string[] wrong in (string[][])[[], ["aa"], [.. Enumerable.Repeat(request.Approvals![0], Approval.MaximumCount + 1)]])
        {
            Assert.False(SessionBody.TryMakeWithdrawal(request with { Approvals = wrong }, out _, out Problem? problem));
            Assert.Equal("approvals_malformed", problem.Code);
        }
    }

    [Fact]
    public async Task The_description_has_the_approvals()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        JsonElement request = (await host.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas").GetProperty("SessionRequest");
        JsonElement approvals = request.GetProperty("properties").GetProperty("approvals");
        Assert.Contains("array", approvals.GetProperty("type").ToString(), StringComparison.Ordinal);
        Assert.Contains("signer approve", approvals.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    private PolicyFile OpenPolicy()
    {
        string approvals = $$""" { "aboveSat": 999, "needed": 1, "approvers": ["{{_erin.Public}}"] } """;
        File.WriteAllText(_path, $$""" { "version": 1, "network": "regtest", "groups": { "*": { "approvals": {{approvals}} } } } """);
        return PolicyFile.Open(_path, TimeProvider.System, NullLogger<PolicyFile>.Instance);
    }

    private Approval ApprovalOf(GroupId group, Psbt psbt) =>
        new(_erin.Public, _erin.Sign(Approval.MessageOf(group, psbt.UnsignedTransaction.Txid).AsSpan(), new byte[32]));

    private static SigningKey NewKey()
    {
        Assert.True(SecretScalar.TryParse(SHA256.HashData("erin"u8), out SecretScalar? secret));
        using (secret)
        {
            return new SigningKey(secret);
        }
    }
}
