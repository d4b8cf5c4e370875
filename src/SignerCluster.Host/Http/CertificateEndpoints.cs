using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.HttpResults;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;

namespace SignerCluster.Host.Http;

/// <summary>Has a group sign its certificates for covenant jobs. A certificate is a proof of its text, and goes the way of every proof.</summary>
internal sealed class CertificateEndpoints(SessionEndpoints sessions, GroupEndpoints groups, RequestBodies bodies, JobSlots slots)
{
    public async Task<IResult> IssueAsync(HttpContext context)
    {
        using IDisposable? slot = slots.TryClaim(context, out Problem? problem);
        if (problem is not null
            || !Query.TryCheck(context.Request.Query, ["wait"], out problem)
            || !Query.TryReadNumber(context.Request.Query, "wait", 0, HttpLimits.MaximumWaitSeconds, 0, out int seconds, out problem))
        {
            return problem;
        }

        (MemoryStream? content, problem) = await bodies.ReadAsync(context);
        return content is not null
            && GuardianEndpoints.TryParse(content, HttpJson.Default.SignerCertificateRequest, out SignerCertificateRequest? request, out problem)
            && groups.TryFind(request.Group, out StoredGroup? group, out problem)
            && TryReadTxid(request.Txid, out Txid txid, out problem)
                ? await IssueAsync(group.Id, txid, request.EndBlock, TimeSpan.FromSeconds(seconds), context)
                : problem!;
    }

    private async Task<IResult> IssueAsync(GroupId group, Txid txid, uint endBlock, TimeSpan wait, HttpContext context)
    {
        SessionBody.OfProof body = new(
            SignerCertificate.SessionOf(group, txid, endBlock), new(SignerCertificate.TextOf(group, txid, endBlock), DerivationPath.Root));
        IResult answer = await sessions.SignAsync(group, body, wait, context);
        return answer is not JsonHttpResult<SessionResponse> { Value: { } session } posted
            ? answer
            : session.Failure is { } failure
                ? Problem.Of(failure.ToRefusal())
                : TypedResults.Json(
                    new SignerCertificateResponse(group.ToString(), txid.ToString(), endBlock, session.Proof?.Simple),
                    HttpJson.Default.SignerCertificateResponse,
                    statusCode: posted.StatusCode);
    }

    private static bool TryReadTxid(string text, out Txid txid, [NotNullWhen(false)] out Problem? problem)
    {
        bool isTxid = Txid.TryParse(text, out txid) && txid.ToString() == text;
        problem = isTxid ? null : Problem.Malformed(JobRefusals.TxidInvalid.Code, JobRefusals.TxidInvalid.Message);
        return isTxid;
    }
}
