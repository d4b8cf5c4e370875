using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Envelopes;

namespace SignerCluster.Trust.Tests.Envelopes;

/// <summary>What an envelope proves to somebody who has it and the party's identity key, and nothing else.</summary>
public sealed class WithdrawalEnvelopeTests : IDisposable
{
    private static readonly DateTimeOffset _begun = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private readonly string _folder = Directory.CreateTempSubdirectory("envelope-").FullName;
    private readonly IdentityKey _identity;

    public WithdrawalEnvelopeTests() => _identity = IdentityKey.Create(Path.Combine(_folder, "identity.key"), RandomNumberGenerator.Fill);

    public void Dispose()
    {
        _identity.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void G6_An_envelope_holds_for_whoever_has_the_identity_key() => Assert.Null(Seal(Begin()).Fault(_identity.Public));

    [Fact]
    public void G6_After_a_restart_the_same_signatures_come_in_an_envelope_of_another_key()
    {
        (WithdrawalEnvelope before, WithdrawalEnvelope after) = (Seal(Begin()), Seal(Begin()));
        Assert.Equal(before.Result.ComputeDigest(), after.Result.ComputeDigest());
        Assert.NotEqual(before.Certificate.SessionKey, after.Certificate.SessionKey);
        Assert.NotEqual(before.Signature, after.Signature);
        Assert.Null(after.Fault(_identity.Public));
        Assert.Equal(
            "The session key did not sign the result.",
            (after with { Certificate = before.Certificate, CertificateSignature = before.CertificateSignature }).Fault(_identity.Public));
    }

    [Fact]
    public void A_session_key_that_another_party_vouches_for_is_told_apart()
    {
        using IdentityKey stranger = IdentityKey.Create(Path.Combine(_folder, "stranger.key"), RandomNumberGenerator.Fill);
        WithdrawalEnvelope envelope = Seal(SessionKey.Begin("bob", "bob-1", stranger, RandomNumberGenerator.Fill, _begun));
        Assert.Contains("was expected", envelope.Fault(_identity.Public), StringComparison.Ordinal);
        Assert.Equal("The identity key did not sign the certificate.", (envelope with { Identity = _identity.Public }).Fault(_identity.Public));
    }

    public static TheoryData<string> Fields =>
    [
        "id", "txid", "sequence", "debit", "after", "position", "at", "previous", "size", "root", "path", "outputKey", "message", "signature", "issuedAt",
        "group", "node", "party", "sessionKey",
    ];

    [Theory]
    [MemberData(nameof(Fields))]
    public void Any_field_that_is_altered_is_found(string field)
    {
        WithdrawalEnvelope envelope = Seal(Begin());
        Assert.NotNull(Altered(envelope, field).Fault(_identity.Public));
    }

    [Fact]
    public void A_record_that_is_not_in_the_chain_is_found_even_when_the_session_key_signs_it()
    {
        WithdrawalResult result = Result();
        WithdrawalResult forged = result with { Withdrawal = result.Withdrawal with { Debit = 1 } };
        Assert.Equal("The record is not in the chain of this root.", Begin().Seal(forged).Fault(_identity.Public));
        Assert.Equal("A signature does not verify.", Begin().Seal(result with { Message = Hash("another") }).Fault(_identity.Public));
        Assert.NotNull(Begin().Seal(result with { IssuedAt = 1_699_999_999 }).Fault(_identity.Public));
    }

    [Fact]
    public void An_envelope_is_read_back_from_its_text_alone_or_in_an_answer_of_the_API()
    {
        WithdrawalEnvelope envelope = Seal(Begin());
        JsonObject text = EnvelopeText.Write(envelope);
        Assert.True(EnvelopeText.TryRead(Encoding.UTF8.GetBytes(text.ToJsonString()), out WithdrawalEnvelope? alone));
        Assert.Null(alone.Fault(_identity.Public));
        Assert.Equal(envelope.Signature, alone.Signature);
        JsonObject answer = new() { ["withdrawalId"] = "w1", ["envelope"] = text.DeepClone() };
        Assert.True(EnvelopeText.TryRead(Encoding.UTF8.GetBytes(answer.ToJsonString()), out WithdrawalEnvelope? inside));
        Assert.Null(inside.Fault(_identity.Public));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"envelope":7}""")]
    [InlineData("""{"envelope":{},"envelope":{}}""")]
    [InlineData("{} {}")]
    [InlineData("""{"identity":"00","certificateSignature":"","signature":1,"result":{},"certificate":[]}""")]
    public void What_is_no_envelope_is_not_read(string text) => Assert.False(EnvelopeText.TryRead(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void N2_A_session_key_prints_no_secret() => Assert.EndsWith("<redacted>", Begin().ToString(), StringComparison.Ordinal);

    private static Bytes32 Hash(string text) => FixedBytes.From<Bytes32>(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private SessionKey Begin() => SessionKey.Begin("alice", "alice-1", _identity, RandomNumberGenerator.Fill, _begun);

    private WithdrawalEnvelope Seal(SessionKey key) => key.Seal(Result());

    /// <summary>The second of three withdrawals, signed by a key that stands for the group's.</summary>
    private WithdrawalResult Result()
    {
        GroupId group = new(Hash("group"));
        GuardianState state = GuardianDecider.Initial(group);
        Do(new GuardianCommand.Configure(new GuardianRules(new LimiterWindow("hour", 1000, 1), 1800, 300, 0)));
        foreach (string id in (string[])["w1", "w2", "w3"])
        {
            Do(new GuardianCommand.Withdraw(SessionId.Parse(id), Hash(id), 10));
        }

        GuardianReply.Proved proved = (GuardianReply.Proved)Do(new GuardianCommand.Prove(SessionId.Parse("w2")));
        Bytes64 signature = _identity.Sign(Hash("sighash").AsSpan(), new byte[32]);
        return new WithdrawalResult(group, proved.Withdrawal, proved.Proof, _identity.Public, Hash("sighash"), signature, 1_700_000_100);

        GuardianReply Do(GuardianCommand command)
        {
            var accepted = (Decision<GuardianEvent, GuardianEffect, GuardianReply>.Accepted)GuardianDecider.Decide(state, new(command, 1_700_000_000));
            state = accepted.Events.Aggregate(state, GuardianDecider.Decider.Evolve);
            return accepted.Reply;
        }
    }

    private static WithdrawalEnvelope Altered(WithdrawalEnvelope envelope, string field)
    {
        WithdrawalResult result = envelope.Result;
        GuardianRecord.WithdrawalAccepted record = result.Withdrawal;
        return field switch
        {
            "id" => envelope with { Result = result with { Withdrawal = record with { Id = SessionId.Parse("w9") } } },
            "txid" => envelope with { Result = result with { Withdrawal = record with { Txid = Hash("another") } } },
            "sequence" => envelope with { Result = result with { Withdrawal = record with { Sequence = 9 } } },
            "debit" => envelope with { Result = result with { Withdrawal = record with { Debit = 9 } } },
            "after" => envelope with { Result = result with { Withdrawal = record with { After = 9UL } } },
            "position" => envelope with { Result = result with { Withdrawal = record with { Position = 1 } } },
            "at" => envelope with { Result = result with { Withdrawal = record with { At = 9 } } },
            "previous" => envelope with { Result = result with { Withdrawal = record with { Previous = Hash("another") } } },
            "size" => envelope with { Result = result with { Proof = result.Proof with { Size = 3 } } },
            "root" => envelope with { Result = result with { Proof = result.Proof with { Root = Hash("another") } } },
            "path" => envelope with { Result = result with { Proof = result.Proof with { Path = [] } } },
            "outputKey" => envelope with { Result = result with { OutputKey = XOnlyPublicKey.Parse(Convert.FromHexString("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")) } },
            "message" => envelope with { Result = result with { Message = Hash("another") } },
            "signature" => envelope with { Result = result with { Signature = default(Bytes64) } },
            "issuedAt" => envelope with { Result = result with { IssuedAt = result.IssuedAt + 1 } },
            "group" => envelope with { Result = result with { Group = new GroupId(Hash("another")) } },
            "node" => envelope with { Certificate = envelope.Certificate with { Node = "alice-2" } },
            "party" => envelope with { Certificate = envelope.Certificate with { Party = "bob" } },
            _ => envelope with { Certificate = envelope.Certificate with { SessionKey = Hash("another") } },
        };
    }
}
