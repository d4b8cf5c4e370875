using System.Collections.Concurrent;
using System.Net;
using System.Net.Mime;
using Microsoft.Net.Http.Headers;

namespace SignerCluster.Host.Http;

/// <summary>
/// Reads the bodies of requests: JSON in UTF-8, whole, within a size and a time, and of one caller not too many at once, so that half-sent ones keep
/// nobody else out. The media type is demanded, so that no web page can send one from the operator's browser without asking first.
/// </summary>
internal sealed class RequestBodies(HttpLimits limits, TimeProvider time)
{
    private readonly ConcurrentDictionary<IPAddress, int> _underWay = new();

    /// <summary>The bytes, or why they were not taken.</summary>
    internal async Task<(MemoryStream? Content, Problem? Problem)> ReadAsync(HttpContext context)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase)
            || (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            || context.Request.Headers.ContentEncoding.Count > 0)
        {
            return (null, Problem.OfStatus(StatusCodes.Status415UnsupportedMediaType));
        }

        IPAddress caller = context.Connection.RemoteIpAddress ?? IPAddress.None;
        bool isTooMany = _underWay.AddOrUpdate(caller, 1, static (_, count) => count + 1) > limits.BodiesOfOneCaller;
        try
        {
            return isTooMany ? (Refuse(context), Problem.TooManyBodies) : await ReadInTimeAsync(context);
        }
        finally
        {
            // The entry stays: there are no more callers than have an address here.
            _underWay.AddOrUpdate(caller, 0, static (_, count) => count - 1);
        }
    }

    private async Task<(MemoryStream? Content, Problem? Problem)> ReadInTimeAsync(HttpContext context)
    {
        using CancellationTokenSource deadline = new(limits.Body, time);
        using CancellationTokenSource reading = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        try
        {
            return await ReadAllAsync(context.Request, reading.Token) is { } content
                ? (content, null)
                : (null, Problem.OfStatus(StatusCodes.Status413PayloadTooLarge));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return (Refuse(context), Problem.OfStatus(StatusCodes.Status408RequestTimeout));
        }
    }

    /// <summary>Nobody waits for what is left of the body.</summary>
    private static MemoryStream? Refuse(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        return null;
    }

    /// <summary>Null when the body is too long. What is left of it then is the server's to read and drop, so that the caller sees the answer.</summary>
    private static async Task<MemoryStream?> ReadAllAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > HttpLimits.MaximumBodyBytes)
        {
            return null;
        }

        MemoryStream content = new();
        byte[] part = new byte[16 * 1024];
        for (int read = 1; read > 0 && content.Length <= HttpLimits.MaximumBodyBytes;)
        {
            read = await request.Body.ReadAsync(part, cancellation);
            await content.WriteAsync(part.AsMemory(0, read), cancellation);
        }

        return content.Length <= HttpLimits.MaximumBodyBytes ? content : null;
    }
}
